"""What is wrong with deliveries, on purpose: bad rows and odd files, each planted and recorded."""
