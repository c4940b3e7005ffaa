"""Facilities under oversight: certificates, papers, inspections, circulation, who takes no part."""
