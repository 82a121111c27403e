"""Rocket, mortar or artillery: what speaks for each, and an even answer where nothing does."""

import numpy as np
import pytest

from rampart.predict.priors import ARTILLERY, LOG_DRAG_PRIORS, MORTAR, ROCKET, WEAPON_FIGURES, log_drag_priors
from rampart.predict.weapon import class_probabilities, habit_likelihoods, shape_weights


def state(speed_mps, steepness_deg, height_m=0.0):
    steep = np.radians(steepness_deg)
    return np.array([0, 0, height_m, -speed_mps * np.cos(steep), 0, speed_mps * np.sin(steep), -7.0, 0, 0])


def test_priors_are_broad_and_ordered_as_the_weapons_are():
    assert np.all(LOG_DRAG_PRIORS[:, 1] >= 0.3)
    mortar, shell, rocket = LOG_DRAG_PRIORS[:3, 0]
    assert mortar > shell > rocket
    assert np.array_equal(log_drag_priors(), LOG_DRAG_PRIORS)
    assert {figures.shape for figures in WEAPON_FIGURES} == {"mortar", "shell", "rocket"}


def test_a_slow_steep_one_is_a_mortar_bomb():
    habits = habit_likelihoods(state(180.0, 65.0), 0.0, 0.0)
    weight = shape_weights(np.zeros(5), habits)
    assert weight.sum() == pytest.approx(1.0)
    assert class_probabilities(weight, habits)[MORTAR] > 0.9


def test_a_burnt_beginning_is_a_rockets():
    seen, unseen = (habit_likelihoods(state(600.0, 30.0), 0.0, nats) for nats in (20.0, 0.0))
    assert class_probabilities(shape_weights(np.zeros(5), seen), seen)[ROCKET] > 0.9
    flat = class_probabilities(shape_weights(np.zeros(5), unseen), unseen)
    assert flat[[ROCKET, ARTILLERY]].max() < 0.8
    assert flat[MORTAR] < 0.1


def test_evidence_decides_and_a_shape_without_a_fit_weighs_nothing():
    habits = np.ones(3)
    evidence = np.array([-np.inf, 0.0, -20.0, -20.0, -20.0])
    weight = shape_weights(evidence, habits)
    assert weight[0] == 0.0
    assert class_probabilities(weight, habits)[ARTILLERY] > 0.98
    assert shape_weights(np.full(5, -np.inf), habits).sum() == pytest.approx(1.0)


def test_height_is_carried_back_by_energy():
    climbing, falling = state(300.0, 50.0), state(300.0, 50.0)
    fallen_m = 800.0
    falling[5] = np.sqrt(climbing[5] ** 2 - 2.0 * 9.81 * fallen_m)
    falling[2] = fallen_m
    assert habit_likelihoods(falling, 0.0, 0.0) == pytest.approx(habit_likelihoods(climbing, 0.0, 0.0))
