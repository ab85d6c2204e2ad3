"""The closed loop: what the lists sent changes the company's life, and the next day tells of it."""

from regulars.sample_company.loop.days import LoopRefused, next_day, respond

__all__ = ["LoopRefused", "next_day", "respond"]
