"""The EPANET toolkit for the peer scripts; see toolkit.py."""
