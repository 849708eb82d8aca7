"""Charging profiles: messages, their numbers, what they come to together. Changed by a version of OCPP."""
