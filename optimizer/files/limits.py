"""How large, how deep and how long what is read may be: beyond it a file is refused before it is parsed."""

from __future__ import annotations

MEGABYTE = 1_000_000
MOST_BYTES = 128 * MEGABYTE  # of any file, as it lies on the disk and unpacked; a load of a million rows has 40 MB
MOST_NETWORK_BYTES = 512 * MEGABYTE  # of instances and plans, and of our own tables; 11,500 stations have 46 MB
MOST_TOML_BYTES = 1 * MEGABYTE  # of a study, which has a few lines for each tariff and variant
MOST_DEPTH = 64  # lists and objects within each other; our formats have fewer than ten levels
MOST_DIGITS = 300  # of a whole number; more make no float either
MOST_CHARACTERS = 200  # of an id or a name
MOST_OF_A_KIND = 10  # problems of one kind that are described before they are only counted
