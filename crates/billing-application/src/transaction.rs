use billing_domain::ports::{StoreError, UnitOfWork, error_chain};

/// What a use case decided inside its transaction.
pub(crate) enum Decision<T> {
    /// Something was written; make it durable.
    Changed(T),
    /// Nothing was.
    Unchanged(T),
}

/// Ends a transaction as was decided in it: what was written is committed, and a refusal undoes it.
pub(crate) async fn settle<T, E: From<StoreError>>(
    work: Box<dyn UnitOfWork>,
    decided: Result<Decision<T>, E>,
) -> Result<T, E> {
    match decided {
        Ok(Decision::Changed(value)) => {
            work.commit().await?;
            Ok(value)
        }
        Ok(Decision::Unchanged(value)) => {
            work.rollback().await?;
            Ok(value)
        }
        Err(refusal) => {
            // The refusal is what matters; a transaction that cannot be rolled back ends with its connection.
            if let Err(error) = work.rollback().await {
                tracing::debug!(error = %error_chain(&error), "a refused change was not rolled back");
            }
            Err(refusal)
        }
    }
}

#[cfg(test)]
mod tests;
