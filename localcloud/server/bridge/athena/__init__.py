"""Athena's queries: what ministack keeps of it (workgroups, saved queries, catalogs) with an engine that speaks its SQL."""
