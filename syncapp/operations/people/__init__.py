"""The people who log in: their accounts and roles, invitations, and the firm's identity provider."""
