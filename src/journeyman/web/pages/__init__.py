"""What the browser sees: a Page of the journey in, HTML with the markup and globals of pages.md out."""
