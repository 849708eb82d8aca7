"""Tiny instances whose optimum is derived by hand: each one makes a single feature of the problem bind.

Slots are hours, so a power in kW moves as many kWh. Where nothing else is said: one pack of 100 kWh that must be
full at hand-over, efficiency 1, no end value, a lost swap costs 100, and what drivers return need not be charged.
`EXPECTED` leaves out cost fields that are 0. `objective` = the sum of the fields − end_value.
"""

from __future__ import annotations

from paths import INSTANCES

TINY = INSTANCES / "tiny"
COST_FIELDS = ("energy", "demand", "wear", "plug_changes", "lost_swaps", "reserve", "end_value")

EXPECTED: dict[str, dict[str, float]] = {
    # Swap 1 comes at once: only a is full, and what it brings (50 kWh) stands in the bay without charger for good.
    # b gets its 50 kWh in slot 0 at 0.20 and serves swap 2; what that brings gets 50 in slot 2, at 0.40, for swap 3.
    # energy 10 + 20 = 30. (With a charger in that bay, the first one would be filled in slot 0: 10 + 10 = 20.)
    "bay-without-charger": {"objective": 30.0, "energy": 30.0},
    # a is full, but in quarantine: b gets 50 kWh in slot 0 at 0.20. a is worth its 100 kWh × 0.05 at the end.
    "pack-not-usable": {"objective": 5.0, "energy": 10.0, "end_value": 5.0},
    # One pack for two drivers: the one who must be served gets it, though the other one costs 100 and he 1.
    "must-serve": {"objective": 100.0, "lost_swaps": 100.0},
    # Need 100 − 60 = 40 kWh in the pack by slot 3; efficiency 0.8, so 40 / 0.8 = 50 kWh from the grid.
    # Prices before the swap 0.30, 0.10, 0.20: one slot at the charger's 40 kW is enough, the cheapest.
    # energy 50 × 0.10 = 5.
    "one-pack-cheap-slot": {"objective": 5.0, "energy": 5.0},
    # Need 60 kWh before slot 2, at most 40 a slot: 40 at 0.10 and, because the deadline leaves no other slot,
    # 20 at 0.40. The 0.05 of slots 2 and 3 comes too late. energy 4 + 8 = 12.
    "deadline-forces-dear-slot": {"objective": 12.0, "energy": 12.0},
    # Need 60 kWh in slots 0 (0.10) and 1 (0.30). Demand 4 per kW × weight 0.5 = 2 per kW above 20 kW so far.
    # With x kW in slot 0 and 60 − x in slot 1 the peak is max(x, 60 − x) ≥ 30; a kW moved to slot 0 beyond 30 saves
    # 0.20 and costs 2. So x = 30: energy 30 × 0.10 + 30 × 0.30 = 12, demand 2 × (30 − 20) = 20.
    "demand-charge-peak-so-far": {"objective": 32.0, "energy": 12.0, "demand": 20.0},
    # Need 60 kWh by slot 4; metering intervals {0, 1}, {2, 3}, {4, 5}; the average is half of what an interval takes.
    # a kWh in {0, 1}, 60 − a in {2, 3}: demand 1 × max(a, 60 − a) / 2, least at a = 30: 15. Inside an interval only
    # the sum counts, so both parts go to the cheaper slot: 30 × 0.10 + 30 × 0.20 = 9. From a = 30, one kWh more in
    # {0, 1} saves 0.10 and costs 0.50. (Metered by the hour the same need would cost 15 + 15 = 30.)
    "metering-over-two-slots": {"objective": 24.0, "energy": 9.0, "demand": 15.0},
    # Base load 10 kW, sun 30 kW in slots 1 and 2: 20 kW spare there. Need 60 kWh by slot 3, at most 40 a slot.
    # 20 + 20 kWh from the sun; the other 20 from the grid at the cheapest price, 0.20 in slot 1 (20 + 20 = 40 kW).
    # energy 20 × 0.20 = 4, and the base load in slots 0 and 3 without sun, 2 × 10 × 0.30 = 6 (the base bill): 10.
    "solar": {"objective": 10.0, "energy": 10.0},
    # Pack a (full) leaves in slot 1; b (50 kWh) must then be the ready one, or 2 is paid for each slot without.
    # Charge b in slot 0: 50 × 0.20 = 10, never a shortfall. In slot 1: 50 × 0.02 = 1, ready from slot 2 on, so
    # slot 1 falls short once: 1 + 2 = 3. Never: 3 × 2 = 6. Cheapest: 3.
    "reserve-shortfall-cheaper": {"objective": 3.0, "energy": 1.0, "reserve": 2.0},
    # Swaps in slots 1 (lost: 30) and 2 (lost: 40), one full pack. To serve both, b needs 50 kWh × 1.00 = 50; the pack
    # returned in slot 1 at 20 kWh cannot gain 80 by slot 2. Full pack to the dearer driver: lose 30.
    "lost-swap-cheaper": {"objective": 30.0, "lost_swaps": 30.0},
    # The driver of slot 0 takes full pack a and leaves an empty bay. b, charged 40 × 0.10 = 4 in slot 0, serves slot 2;
    # what comes back then is empty and 40 kW cannot fill it by slot 3: that swap is lost, 50. Losing another one
    # instead costs 100. (Had slot 0 returned an empty pack: 40 + 20 + 40 kWh fill it by slot 3, 4 + 6 + 4 + 4 = 18.)
    "swap-without-return": {"objective": 54.0, "energy": 4.0, "lost_swaps": 50.0},
    # Need 60 kWh in slots 0 and 1, both 0.10: 6. A kW of the peak costs 1.50 and earns 1.00, both by the same meter:
    # as low as it can be, 30 kW, 15. (A bound that let the credit's peak rise alone would be lower.)
    "demand-credit": {"objective": 21.0, "energy": 6.0, "demand": 15.0},
    # Need 60 kWh in slots 0 (0.60) and 1 (0.70). The month has 60 kWh so far, at a peak of 20 kW: just 3 hours of use,
    # beyond which a kWh is 0.50 cheaper. With x kW in slot 0 the peak is max(x, 60 − x), and 120 − 3 · peak of the
    # month's 120 kWh lie beyond. A kW moved to slot 0 above 30 saves 0.10, and 3 kWh lose 0.50 each. So x = 30:
    # energy 30 × 0.60 + 30 × 0.70 − 30 × 0.50 = 24. (All in slot 0: 36, and nothing beyond 3 hours of 60 kW.)
    "hours-of-use": {"objective": 24.0, "energy": 24.0},
    # The full small pack serves the small driver; the large driver needs 50 kWh in the large pack, a full small one
    # will not do. Grid limit 30 kW: 30 × 0.10 + 20 × 0.30 = 9.
    "two-types": {"objective": 9.0, "energy": 9.0},
    # Full pack leaves in slot 0, 50 kWh come back; after a turnaround of one slot it may charge in slots 1 and 2 only,
    # not in slot 0 at 0.10. Need 50 by slot 3: 40 × 0.20 in slot 2, 10 × 0.40 in slot 1. energy 8 + 4 = 12.
    "turnaround": {"objective": 12.0, "energy": 12.0},
    # Hand-over from 80 kWh, but one driver wants 100. Two slots of 20 kW bring a (50) to 90 at most, b (60) to 100:
    # b goes to the demanding driver, 20 × 0.20 + 20 × 0.30 = 10; a needs 30, 20 × 0.20 + 10 × 0.30 = 7. Sum 17.
    "own-swap-soc": {"objective": 17.0, "energy": 17.0},
    # Pack a is full, but the driver wants b: 50 kWh × 0.20 = 10.
    "wanted-pack": {"objective": 10.0, "energy": 10.0},
    # On/off at 40 kW, need 60 kWh by slot 3: one whole slot, then a last one that stops at 100 kWh after 20.
    # The partial slot is the later one: slots (0, 2) 40 × 0.20 + 20 × 0.10 = 10, (0, 1) 8 + 8 = 16,
    # (1, 2) 16 + 2 = 18. (At free power 20 × 0.20 + 40 × 0.10 = 8.)
    "on-off-partial-last-slot": {"objective": 10.0, "energy": 10.0},
    # Need 50 kWh (half of the target, so no slot ends at the target) in slots 0 and 1; power 0 or 30 to 40 kW.
    # One slot gives 40 at most, so both charge, at 30 at least: 30 × 0.10 + 30 × 0.20 = 9.
    "min-power": {"objective": 9.0, "energy": 9.0},
    # Two packs need 30 kWh each before slot 2. 60 kW would do for both in slot 0, but there is one charger, and no two
    # packs share it: one pack in slot 0, one in slot 1: 30 × 0.10 + 30 × 0.30 = 12.
    "fewer-chargers-than-packs": {"objective": 12.0, "energy": 12.0},
    # Power 0 or 20 kW, need 40 kWh by slot 3: two of slots 0 to 2; each start and stop between slots costs 1.50.
    # (0, 2): 4 + 3 changes × 1.50 = 8.50. (0, 1): 20 × 0.10 + 20 × 0.20 + 1 change × 1.50 = 7.50.
    # (1, 2): 6 + 2 × 1.50 = 9. All three: 8 + 1 × 1.50 = 9.50. Going on into slot 3 costs 4 to save 1.50.
    "plug-change-cost": {"objective": 7.5, "energy": 6.0, "plug_changes": 1.5},
    # Most power falls from 50 kW at half to 0 at full: above half p ≤ 100 − e', e' the energy at the slot's end, so
    # e' ≤ (e + 100) / 2. From 20: at most 60 (+ 40). To end slot 2 at 85, p ≤ 100 − 85 = 15. Need 65 in all:
    # 40 × 0.10 + 15 × 0.20, and the 10 that are left in slot 1 at 0.30. energy 4 + 3 + 3 = 10.
    "acceptance": {"objective": 10.0, "energy": 10.0},
    # Above 20 kW wear costs 2 / 20 = 0.10 per kWh. Need 60 kWh by slot 3. Cheapest first: 20 at 0.10 (slot 0),
    # 20 at 0.15 (slot 1), then 20 more in slot 0 at 0.10 + 0.10 = 0.20, cheaper than 0.25 in slot 1 or slot 2.
    # energy 40 × 0.10 + 20 × 0.15 = 7, wear 20 × 0.10 = 2.
    "wear": {"objective": 9.0, "energy": 7.0, "wear": 2.0},
    # Efficiency 0.8. Slot 0 pays 0.10: the pack takes its last 40 kWh, 50 from the grid: −5. It leaves in slot 1;
    # the returned one (20 kWh) takes the charger's 40 kW in slot 2 at −0.05: −2.50. Energy −7.50, no end value.
    "negative-price": {"objective": -7.5, "energy": -7.5},
    # No driver. A kWh at the end is worth 0.25: charge 30 kW at 0.10 and at 0.20, not at 0.30.
    # energy 3 + 6 = 9; the pack ends with 20 + 60 = 80 kWh: end value 20. Objective 9 − 20 = −11.
    "end-value": {"objective": -11.0, "energy": 9.0, "end_value": 20.0},
    # By default a kWh at the end is worth 0.10 / 0.8 = 0.125. Slot 0 fills the pack for the swap: 50 × 0.10 = 5.
    # Slot 1 (0.30 / 0.8 = 0.375 per kWh) is too dear; the returned 20 kWh count 20 × 0.125 = 2.50.
    "end-value-default": {"objective": 2.5, "energy": 5.0, "end_value": 2.5},
    # Need 60 kWh in slots 0 (0.10) and 1 (0.30). Of the month's kWh in the first hour, those beyond 20 cost 0.30 more,
    # and 10 are used: 10 × 0.10 in slot 0, where the next would cost 0.40, then 50 × 0.30 in slot 1: 1 + 15 = 16.
    "energy-tiers-rise": {"objective": 16.0, "energy": 16.0},
    # Need 60 kWh in slots 0 (0.20) and 1 (0.22). In slot 1 what is beyond 40 kWh costs 0.10 less. All in slot 0: 12.
    # All in slot 1: 60 × 0.22 − 20 × 0.10 = 11.20. A part of it in slot 0 gives up 0.12 a kWh for 0.20. energy 11.20.
    "energy-tiers-fall": {"objective": 11.2, "energy": 11.2},
    # Need 60 kWh in slots 0 (0.10) and 1 (1.00). From 30 and 30 on a kW more in slot 0 saves 0.90 and costs 0.50 up to
    # a peak of 40 kW, 3 beyond. energy 40 × 0.10 + 20 × 1.00 = 24, demand 40 × 0.50 = 20.
    "demand-tiers": {"objective": 44.0, "energy": 24.0, "demand": 20.0},
    # As before at 1 per kW, but 0.8 of an earlier month's 50 kW are billed anyway (10 kW so far): up to 40 kW for
    # nothing, then a kW saves 0.90 and costs 1. energy 4 + 20 = 24.
    "ratchet": {"objective": 24.0, "energy": 24.0},
    # 30 kW are declared: up to 31.5 kW cost nothing more, then 2 × 2 per kW. energy 31.5 × 0.10 + 28.5 × 1.00 = 31.65.
    "declared-demand": {"objective": 31.65, "energy": 31.65},
    # Slot 0 (1.00) ends January, whose peak is 50 kW so far; slot 1 (0.10) begins February with none: a kW there costs
    # 0.10 + 1, a kW in slot 0 1.00 up to 50 kW and 2 beyond. energy 50 × 1.00 + 10 × 0.10 = 51, demand 10 × 1.
    "month-ends": {"objective": 61.0, "energy": 51.0, "demand": 10.0},
    # Need 60 kWh in an hour of January (0.10) and one of February (0.30), both less 0.05 in the class from 2,500 hours
    # on, at 1 per kW above the year's 20. With x kW in January the peak is max(x, 60 − x); a kW moved there beyond 30
    # saves 0.20 and costs 1. So x = 30: energy 30 × 0.05 + 30 × 0.25 = 9, demand 30 − 20 = 10. (Of a charge of the
    # month all 60 would be drawn in January: each month pays its own peak.)
    "year-goes-on": {"objective": 19.0, "energy": 9.0, "demand": 10.0},
    # 0.5 drivers a slot: sums 0.5, 1, 1.5, 2 round to 1, 1, 2, 2: whole drivers in slots 0 and 2. The first returns
    # 50 kWh, which slots 0 and 1 fill: 40 × 0.10 + 10 × 0.30 = 7. A driver more or less changes the bill.
    "forecast-rounding": {"objective": 7.0, "energy": 7.0},
    # A truck takes two packs or none (lost: 80), a car one (lost: 50); a is full, b needs 40 kWh at 0.50. Both
    # to the truck: 20 + 50 = 70; the full one to the car: 80. (A pack each, the truck half served: 20 + 40 = 60.)
    "truck": {"objective": 70.0, "energy": 20.0, "lost_swaps": 50.0},
}
