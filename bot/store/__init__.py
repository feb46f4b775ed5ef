"""The database: tables, session, sealing of personal data, migrations. Everybody else
gets a session."""
