"""What happened: redacted records of journeys, steps and calls in; timelines for people out."""
