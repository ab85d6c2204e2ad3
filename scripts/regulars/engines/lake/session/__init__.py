"""The engine's own process: sources become tables, dbt builds, what is asked for becomes Parquet.

Run by the Python of the engine's environment, which has dbt, its adapter and nothing of ours but
this folder, so that its files name each other alone: `python -m session duckdb`, with the folder
above on its path. The order is one line on stdin, which stays open as long as somebody waits.

__main__  from the order to the answer
answers   how the answer is written: what dbt said, or what the session died of
dbt       a run of dbt, and what of it is answered
duckdb    one file a layer
spark     one machine or many
executors whether anybody works on a cluster
waiting   whether anybody waits for the answer
"""
