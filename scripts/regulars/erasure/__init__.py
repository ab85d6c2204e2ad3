"""Erasure: a person is removed from every place that holds personal data, and a receipt is left."""
