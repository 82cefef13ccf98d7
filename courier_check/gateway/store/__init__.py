"""The gateway's SQL, in portable SQLAlchemy Core: one module per family of tables, one function per question."""
