"""Messages of protocols, each written from its RFC, and conversations in them."""
