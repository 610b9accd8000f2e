"""The schema's history, applied in order; a migration never imports the slices."""
