"""Operations of AWS's APIs that moto lacks, supplied: kept in memory, answered in AWS's own shapes."""
