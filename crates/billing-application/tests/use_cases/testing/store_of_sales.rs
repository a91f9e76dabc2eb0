//! The store of a shop that sells, behind the generated doubles.

use super::sales::{POSTPONED, SET_ASIDE, Sales, account};
use super::{app_id, workspace, workspace_id};
use crate::prelude::*;

pub(super) fn store(sales: &Sales) -> MockBillingStore {
    let mut mock = MockBillingStore::default();
    expect! { mock.switches, sales,
        expect_billing_switch = |_| Ok(sales.lock().switch);
        expect_blockers = |_| Ok(sales.lock().blockers());
        expect_unscheduled_closings = |_, _| Ok(Vec::new());
    }
    expect! { mock.apps, sales, expect_app = |_, _| Ok(Some(sales.lock().app.clone())); }
    expect! { mock.checkout_intents, sales,
        expect_checkout_intent = |_, id| Ok(find(&sales.lock().intents, |it| it.id == id));
        expect_unclosed_checkout_intents = |_, after, _| {
            let intents = &sales.lock().intents;
            let unclosed = intents.iter().filter(|it| !it.state.is_closed() && Some(it.id) > after);
            Ok(unclosed.cloned().collect())
        };
    }
    expect! { mock.gateway_calls, sales,
        expect_gateway_call = |_, id| Ok(find(&sales.lock().calls, |it| it.id == id));
        expect_is_ended_duplicate = |_, _, id| {
            let is_end = |call: &&GatewayCall| matches!(call.purpose, CallPurpose::CancelDuplicate { .. });
            let of_it = CallOutcome::Done(id.clone().into());
            Ok(sales.lock().calls.iter().filter(is_end).any(|call| call.outcome == of_it))
        };
        expect_unresolved_calls = |_, _, _| {
            Ok(sales.lock().calls.iter().filter(|it| it.is_unresolved()).cloned().collect())
        };
    }
    expect! { mock.gateway_links, sales,
        expect_gateway_accounts = |_| Ok(vec![account()]);
        expect_workspaces_with_accounts = |_, _| Ok(vec![(workspace_id(), account())]);
        expect_is_used_by_others = |_, _| Ok(!sales.lock().stripe.is_own);
        expect_customers = |_, _, after, limit| {
            let links = &sales.lock().links;
            let customers = links.iter().filter(|it| it.subject.kind() == "customer").map(|it| &it.stripe_id);
            let beyond = customers.filter(|id| after.as_ref().is_none_or(|after| *id > after));
            Ok(beyond.take(limit as usize).cloned().collect())
        };
    }
    expect! { mock.subscriptions, sales,
        expect_subscription = |_, _, id| Ok(find(&sales.lock().subscriptions, |it| it.id == id));
        expect_live_subscriptions = |_, after, limit| {
            let subscriptions = &sales.lock().subscriptions;
            let live = subscriptions.iter().filter(|it| it.is_live() && Some(it.id) > after);
            let live = live.map(|it| LiveSubscription {
                id: it.id,
                account: it.gateway_account_id.clone(),
                stripe_id: it.stripe_object(),
            });
            Ok(live.take(limit as usize).collect())
        };
    }
    expect! { mock.invoices, sales,
        expect_invoice = |_, _, id| Ok(find(&sales.lock().invoices, |it| it.id == id));
    }
    expect! { mock.events, sales, expect_unplaced_to_accept = |_, _| Ok(UnplacedPage::default()); }
    expect! { mock.work, sales,
        expect_due_work = |filter, limit| {
            let work = &sales.lock().work;
            let due = work.iter().filter(|_| !filter.priority.is_background()).map(|(id, _)| id.clone());
            Ok(due.take(limit as usize).collect())
        };
    }
    let shared = sales.clone();
    mock.transactions.expect_begin().returning(move || Ok(Box::new(unit_of_work(&shared))));
    mock
}

fn find<T: Clone>(all: &[T], is_it: impl Fn(&T) -> bool) -> Option<T> {
    all.iter().rev().find(|it| is_it(it)).cloned()
}

/// Writes at once: these tests fail no transaction.
fn unit_of_work(sales: &Sales) -> MockUnitOfWork {
    let mut mock = MockUnitOfWork::default();
    of_catalog(&mut mock, sales);
    of_calls(&mut mock, sales);
    of_sales(&mut mock, sales);
    of_work(&mut mock, sales);
    mock.ending.expect_commit().returning(|| Ok(()));
    mock.ending.expect_rollback().returning(|| Ok(()));
    mock
}

fn of_catalog(mock: &mut MockUnitOfWork, sales: &Sales) {
    expect! { mock.switches, sales,
        expect_lock_workspace = |_| {
            let shelf = sales.lock();
            Ok(workspace(shelf.switch, shelf.version))
        };
        expect_blockers = |_| Ok(sales.lock().blockers());
        expect_save_switch = |_, loaded, switch| {
            let shelf = &mut *sales.lock();
            (shelf.switch, shelf.version) = (*switch, loaded.next().number());
            Ok(loaded.next())
        };
    }
    expect! { mock.apps, sales,
        expect_app_to_change = |_, _| Ok(Some(sales.lock().app.clone()));
        expect_app_of_environment = |_, _| Ok(Some(app_id()));
    }
    expect! { mock.plans, sales,
        expect_sold_plan_with_key = |_, _, _| Ok(Some(sales.lock().plan.plan.clone()));
        expect_plan_to_change = |_, _, _| Ok(Some(sales.lock().plan.clone()));
        expect_plan_of_price = |_, _| Ok(Some(sales.lock().plan.plan.id));
    }
    expect! { mock.answered_requests, sales,
        expect_answered_request = |_, key, _| {
            let answered = &sales.lock().answered;
            Ok(answered.iter().find(|(known, _)| known == key).map(|(_, answered)| answered.clone()))
        };
        expect_remember_request = |_, key, answered, _, _| {
            sales.lock().answered.push((key.clone(), answered.clone()));
            Ok(())
        };
        expect_replace_outcome = |_, key, outcome| {
            let requests = &mut sales.lock().answered;
            requests.iter_mut().find(|(known, _)| known == key).unwrap().1.outcome = outcome.into();
            Ok(())
        };
    }
    expect! { mock.audit_log, sales,
        expect_append_audit_entry = |entry| {
            sales.lock().audited.push(entry.clone());
            Ok(())
        };
    }
}

fn of_calls(mock: &mut MockUnitOfWork, sales: &Sales) {
    expect! { mock.gateway_links, sales,
        expect_gateway_of = |_, _| Ok(Some(Gateway::Managed));
        expect_use_gateway_account = |_, account, _, _, _| {
            let used = &mut sales.lock().used_accounts;
            let is_new = !used.contains(account);
            used.extend(Some(account.clone()).filter(|_| is_new));
            Ok(is_new)
        };
        expect_gateway_link = |_, _, subject| {
            Ok(find(&sales.lock().links, |it| it.subject == *subject).map(|link| link.stripe_id))
        };
        expect_link_subject = |_, _, id| {
            Ok(find(&sales.lock().links, |it| it.stripe_id == *id).map(|link| link.subject))
        };
        expect_insert_gateway_link = |link| {
            sales.lock().links.push(link.clone());
            Ok(())
        };
        expect_remove_gateway_link = |link| {
            sales.lock().links.retain(|stored| stored != link);
            Ok(())
        };
    }
    expect! { mock.gateway_calls, sales,
        expect_gateway_call_to_change = |_, id| Ok(find(&sales.lock().calls, |it| it.id == id));
        expect_unresolved_call_of = |_, _, subject| {
            Ok(find(&sales.lock().calls, |it| it.is_unresolved() && it.purpose.subject() == *subject))
        };
        expect_unresolved_since = |_, _, kind| {
            let sales = sales.lock();
            let mut of_kind = sales.calls.iter().filter(|it| it.is_unresolved() && it.purpose.kind() == kind);
            Ok(of_kind.next().map(|call| call.prepared_at))
        };
        expect_latest_call_of = |_, _, subject| {
            Ok(find(&sales.lock().calls, |it| it.purpose.subject() == *subject))
        };
        expect_calls_on_invoice = |_, invoice, payments| {
            let refunds = |it: &GatewayCall| it.purpose.refunded_payment().is_some_and(|it| payments.contains(it));
            let calls = &sales.lock().calls;
            let on_invoice = calls.iter().filter(|it| it.purpose.invoice() == Some(invoice) || refunds(it));
            Ok(on_invoice.cloned().collect())
        };
        expect_insert_gateway_call = |call| {
            sales.lock().calls.push(call.clone());
            Ok(())
        };
        expect_resolve_gateway_call = |_, id, outcome| {
            let calls = &mut sales.lock().calls;
            calls.iter_mut().find(|it| it.id == id).unwrap().outcome = outcome.clone();
            Ok(())
        };
    }
}

fn of_sales(mock: &mut MockUnitOfWork, sales: &Sales) {
    expect! { mock.checkout_intents, sales,
        expect_checkout_intent_to_change = |_, id| Ok(find(&sales.lock().intents, |it| it.id == id));
        expect_unclosed_intent_of = |_, _, payer| {
            Ok(find(&sales.lock().intents, |it| it.payer == *payer && !it.state.is_closed()))
        };
        expect_insert_checkout_intent = |intent| {
            sales.lock().intents.push(intent.clone());
            Ok(())
        };
        expect_advance_checkout_intent = |_, id, from, to, session| {
            let intents = &mut sales.lock().intents;
            let intent = intents.iter_mut().find(|it| it.id == id).unwrap();
            assert_eq!(intent.state, from);
            intent.state = from.advance(to).unwrap();
            intent.session = session.or(intent.session.take());
            Ok(())
        };
    }
    expect! { mock.subscriptions, sales,
        expect_subscription_to_change = |_, _, id| Ok(find(&sales.lock().subscriptions, |it| it.id == id));
        expect_workspace_subscription = |_, _, _| Ok(None);
        expect_mirrored_subscription = |_, _, id| {
            Ok(find(&sales.lock().subscriptions, |it| it.stripe_id == *id))
        };
        expect_live_subscriptions_of = |_, _, payer| {
            let subscriptions = &sales.lock().subscriptions;
            Ok(subscriptions.iter().filter(|it| it.is_live() && it.payer == *payer).cloned().collect())
        };
        expect_save_subscription = |subscription| {
            let mirrors = &mut sales.lock().subscriptions;
            mirrors.retain(|it| it.id != subscription.id);
            mirrors.push(subscription.clone());
            Ok(())
        };
        expect_count_subscriptions_anew = |_| {
            sales.lock().recounted.push("subscriptions");
            Ok(())
        };
        expect_had_trial = |_, _, _| Ok(sales.lock().had_trial);
        expect_record_trial = |_, _, _, _| {
            sales.lock().had_trial = true;
            Ok(())
        };
    }
    expect! { mock.drifts, sales,
        expect_insert_drift = |drift| {
            sales.lock().drifts.push(drift.clone());
            Ok(())
        };
        expect_withdraw_drifts = |_, _, object, since| {
            sales.lock().drifts.retain(|it| it.object != *object || it.found_at <= since);
            Ok(())
        };
    }
    expect! { mock.revenue, sales,
        expect_revenue_history = |_, _| Ok(sales.lock().revenue.clone());
        expect_save_revenue_history = |_, _, after| {
            sales.lock().revenue = after.clone();
            Ok(())
        };
    }
    expect! { mock.invoices, sales,
        expect_mirrored_invoice = |_, _, id| Ok(find(&sales.lock().invoices, |it| it.stripe_id == *id));
        expect_invoice_to_change = |_, id| Ok(find(&sales.lock().invoices, |it| it.id == id));
        expect_unattached_invoices = |_| {
            let invoices = &sales.lock().invoices;
            let unattached = invoices.iter().filter(|it| it.subscription_id.is_none());
            Ok(unattached.map(|it| it.stripe_id.clone()).collect())
        };
        expect_save_invoice = |invoice| {
            let mirrors = &mut sales.lock().invoices;
            mirrors.retain(|it| it.id != invoice.id);
            mirrors.push(invoice.clone());
            Ok(())
        };
        expect_count_invoices_anew = |_| {
            sales.lock().recounted.push("invoices");
            Ok(())
        };
    }
}

fn of_work(mock: &mut MockUnitOfWork, sales: &Sales) {
    expect! { mock.work, sales,
        expect_schedule = |id, _| {
            sales.lock().schedule(id.clone());
            Ok(())
        };
        expect_schedule_all = |workspace, kind, keys, _, _| {
            for key in keys {
                sales.lock().schedule(WorkId { workspace_id: workspace.clone(), kind, key: key.clone() });
            }
            Ok(())
        };
        expect_keys_set_aside = |_, kind| {
            let failed = &sales.lock().failed;
            let set_aside = failed.iter().filter(|(id, how, _)| id.kind == kind && *how == SET_ASIDE);
            Ok(set_aside.map(|(id, ..)| id.key.clone()).collect())
        };
        expect_cancel = |id| {
            let shelf = &mut *sales.lock();
            shelf.work.retain(|(stored, _)| stored != id);
            shelf.held.retain(|held| held != id);
            shelf.failed.retain(|(stored, how, _)| stored != id || *how != SET_ASIDE);
            Ok(())
        };
        expect_claim = |id, lease, _, _, _| Ok(sales.lock().claim(id, lease));
        expect_complete = |claim, _| Ok(sales.lock().complete(claim));
        expect_postpone = |claim, _, reason| Ok(sales.lock().fail(claim, POSTPONED, reason));
        expect_set_aside = |claim, _, reason| Ok(sales.lock().fail(claim, SET_ASIDE, reason));
        expect_renew = |claim, _| sales.lock().renew(claim);
    }
}
