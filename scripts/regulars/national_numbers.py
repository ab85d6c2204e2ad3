"""Telephone numbers as people write them at home, without their country.

Whose such a number may be is asked of the national part of the numbers that we hold, zeros in front
left out: of a line at home nobody knows the country. It stops a contact and does nothing else.
"""

from __future__ import annotations

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

CALLING_CODES = "|".join(map(str, sorted(COUNTRY_CODE_TO_REGION_CODE)))
"""Of all countries, none of which begins another: a part of a pattern, in SQL as in Python. The
models read it as dbt's variable `calling_codes` (macro national_number)."""

SHORTEST, LONGEST = 8, 14
"""Digits, with the zero that is dialled before them: a shorter one means nobody, for half a town
may have it."""

NO_NUMBER = r"(?:19|20)\d\d[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./](?:19|20)\d\d|\d+\.\d{1,4}"
"""What is a day or an amount instead: a pattern, in SQL as in Python."""
