"""Tables to rows: what each cell says, in which context, and what is wrong with it."""
