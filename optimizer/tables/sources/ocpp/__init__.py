"""Logs of OCPP 2.1: messages `BatterySwap` become rows, one for each driver. Changed by how logs wrap messages."""
