//! How much compression a model can take: metrics, applications, search, reports.
#![forbid(unsafe_code)]
