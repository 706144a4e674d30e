"""How the plan for contact points is put together, step by step."""
