"""What is added to ministack before it serves: services of the compute plane, service roles, ECR's registry, control."""
