"""收寄验视: checklists as data, findings, prohibited goods, dispositions, the verdict. Pure."""
