//! Walkthroughs as data: text, commands and checks over the state of the cluster.
