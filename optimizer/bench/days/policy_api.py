"""All that a policy of your own needs, from one place. These names and what they take stay: a test holds them.

`optimizer/bench/write-a-policy.md` explains them, with shapes and units; `optimizer/bench/days/example_policy.py` is a
whole policy that uses nothing else.
"""

from models.station.instance import Night
from optimizer.bench.days.day_policy import DayPolicy, Decide, DriverCame, PackNow, StationNow

__all__ = ["DayPolicy", "Decide", "DriverCame", "Night", "PackNow", "StationNow"]
