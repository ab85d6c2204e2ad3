"""The morning report: one self-contained HTML page about one night.

queries/   SQL on the night's marts, one function per section, into the dataclasses of `sections`
charts     section data to SVG
words      numbers, dates, names and notes as the page says them
page       all of it together, written beside the generation's lists
"""
