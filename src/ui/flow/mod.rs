//! The flow diagram: components that only draw what `present::flow` has laid out.
