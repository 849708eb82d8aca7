"""What plan files say of days that do not follow the forecast."""
