"""Pages for people: the tip guide, the year wheel and what goes out next. HTML from the server, no script needed."""
