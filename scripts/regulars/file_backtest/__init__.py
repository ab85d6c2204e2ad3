"""A backtest of any file of transactions, without a warehouse."""
