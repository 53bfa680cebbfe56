"""What does somebody who misbehaves cost everybody else? Storms, and people who have nothing to do with them."""
