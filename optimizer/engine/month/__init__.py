"""How high tonight's metered peak may go, decided from the days that its billing month has left."""
