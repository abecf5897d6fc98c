"""What the management API and the portal change: objects in, stored objects of one tenant with their versions out."""
