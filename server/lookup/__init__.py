"""What is asked, of which model, and what else there is: no web framework in here."""
