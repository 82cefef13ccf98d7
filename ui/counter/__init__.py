"""收寄台: the acceptance page. `state` holds what is in hand and how keys change it, `view` says what to show, `page` draws it."""
