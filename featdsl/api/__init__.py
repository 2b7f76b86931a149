"""The Python interface: projects, compilations, snapshots and training sets as data frames."""
