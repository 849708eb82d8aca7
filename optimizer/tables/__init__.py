"""The world's tables: one reader for exports of meters, markets and logs. Changed by what such files look like."""
