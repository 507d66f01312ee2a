"""The application that both regions run: it writes numbers into its region's database, and is as ready as that is."""
