"""The programme around the models: files, solver, checker, engine, command line."""
