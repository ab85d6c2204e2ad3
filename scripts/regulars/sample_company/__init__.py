"""A company that never was, delivered night by night in the house format, its truth kept aside.

This is its face; `regulars.sample_company.loop` has another, for nights that answer lists. No
module of the company imports either, and none imports anything else of `regulars`. Nothing here
reads a clock: the same arguments give the same bytes.

  what can be true      worlds, parts (every parameter and probability)
  who lives how         people, rhythm, dropout -> lives;  catalogue, spend -> baskets
  what follows          service, surveys, returns, care -> company, which holds it all in arrays
  what a night tells    columns, feed -> house_feeds -> deliver -> past_nights
  after the sale        after_sale/: units, loyalty, moves, merges, deaths, and their feeds
  what is wrong in it   dirt/: which bad rows and odd files are planted where
  what lists change     loop/: contacts answered with the next day's deliveries
  what nobody tells     accounts, truth; loop.potential
  to draw with          seeds (a stream a part), keyed (a hash a draw), customer_texts, localtime
  to make it again      founding
"""

from regulars.sample_company.past_nights import (
    FIRST_NIGHT,
    LAST_NIGHT,
    SampleExists,
    generate,
)
from regulars.sample_company.worlds import WORLDS, UnknownWorld, World, world_named

__all__ = [
    "FIRST_NIGHT",
    "LAST_NIGHT",
    "WORLDS",
    "SampleExists",
    "UnknownWorld",
    "World",
    "generate",
    "world_named",
]
