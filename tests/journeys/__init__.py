"""Journeys through the whole product, as people make them."""
