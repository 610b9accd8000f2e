"""The ground floor: one of each base concept, used by every slice."""
