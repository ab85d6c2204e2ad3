{{ later_purchase_days(ref('int_backtest_purchase_days')) }}
