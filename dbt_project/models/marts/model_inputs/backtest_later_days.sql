{{ later_purchase_days(ref('int_backtest_known_days'), group='origin') }}
