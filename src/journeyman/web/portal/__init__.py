"""The web console: records of journeys and captured messages in, pages for people out."""
