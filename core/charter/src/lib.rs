//! The signed documents of a meeting: link, charter, admissions, ledger, route, media channel.
